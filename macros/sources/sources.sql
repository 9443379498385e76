{#- A hook on-run-start, so that it is done once a run. -#}
{% macro check_sources() %}
    {%- set kinds = kinds_of_record() if execute else [] -%}
    {%- for source_table in (graph.sources.values() if execute else []) -%}
        {%- if source_table.name not in line_of(source_table.source_name).extracts -%}
            {{- exceptions.raise_compiler_error(
                source_table.original_file_path ~ ' declares ' ~ source_table.name ~ ', which the line of ' ~ source_table.source_name
                ~ ' in the var sources of dbt_project.yml does not have: add it there to extracts'
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- for source_name, line in (var('sources').items() if execute else []) -%}
        {%- for table_name in line.extracts -%}
            {%- do extract_declaration(source_name, table_name) -%}
        {%- endfor -%}
        {%- for kind in line.records or [] if kind not in kinds -%}
            {{- exceptions.raise_compiler_error(
                'The line of ' ~ source_name ~ ' in the var sources of dbt_project.yml brings ' ~ kind ~ ', which is no kind of record: name one of '
                ~ kinds | sort | join(', ')
            ) -}}
        {%- endfor -%}
        {%- for kind in kinds if kind not in (line.records or []) and conformed(source_name, kind) -%}
            {{- exceptions.raise_compiler_error(
                conformed(source_name, kind).original_file_path ~ ' brings ' ~ kind ~ ', which the line of ' ~ source_name
                ~ ' in the var sources of dbt_project.yml does not have: add it there to records'
            ) -}}
        {%- endfor -%}
    {%- endfor -%}
    {{- return('') -}}
{% endmacro %}


{% macro kinds_of_record() %}
    {%- set kinds = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('int_') and node.name.endswith('__unioned') -%}
        {%- do kinds.append(node.name[4:-9]) -%}
    {%- endfor -%}
    {{- return(kinds) -}}
{% endmacro %}


{% macro conformed(source_name, kind) %}
    {{- return(graph.nodes.get('model.' ~ project_name ~ '.int_' ~ source_name ~ '__' ~ kind)) -}}
{% endmacro %}


{% macro line_of(source_name) %}
    {%- if source_name not in var('sources') -%}
        {{- exceptions.raise_compiler_error(
            'The source ' ~ source_name ~ ' has no line: add one to the var sources in dbt_project.yml, such as '
            ~ source_name ~ ': {extracts: [<tables of models/staging/' ~ source_name ~ '/_' ~ source_name ~ '__sources.yml>], records: [contact_legs]}'
        ) -}}
    {%- endif -%}
    {{- return(var('sources')[source_name]) -}}
{% endmacro %}


{% macro is_enabled(source_name) %}
    {{- return(var(source_name ~ '_enabled', 'records' not in line_of(source_name))) -}}
{% endmacro %}


{% macro demo_sources() %}
    {{- return(var('sources').items() | rejectattr('1.records') | map(attribute='0') | list) -}}
{% endmacro %}


{% macro listed_extracts() %}
    {%- set extracts = [] -%}
    {%- for source_name, line in var('sources').items() -%}
        {%- for table_name in line.extracts -%}
            {%- do extracts.append([source_name, table_name]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(extracts) -}}
{% endmacro %}


{% macro enabled_extracts() %}
    {%- set extracts = [] -%}
    {%- for source_name, table_name in listed_extracts() if is_enabled(source_name) -%}
        {%- do extracts.append([source_name, table_name]) -%}
    {%- endfor -%}
    {{- return(extracts) -}}
{% endmacro %}


{% macro bringers(kind, extract_name=none) %}
    {%- set found = [] -%}
    {%- for source_name, line in var('sources').items() -%}
        {%- if line.records -%}
            {%- if kind in line.records and is_enabled(source_name) -%}
                {%- do found.append({
                    'source': source_name, 'extracts': extracts_behind(source_name, kind), 'is_own_format': false,
                    'model': 'int_' ~ source_name ~ '__' ~ kind
                }) -%}
            {%- endif -%}
        {%- elif (extract_name or kind) in line.extracts -%}
            {%- do found.append({
                'source': source_name, 'extracts': [extract_name or kind], 'is_own_format': true,
                'model': 'stg_' ~ source_name ~ '__' ~ (extract_name or kind)
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{% macro extracts_behind(source_name, kind) %}
    {%- set line = line_of(source_name) -%}
    {#- Which model reads which is not known while dbt parses, nor in a unit test. -#}
    {%- if not (execute and graph.get('sources')) -%}
        {{- return(line.extracts) -}}
    {%- endif -%}
    {%- set staged = {} -%}
    {%- for table_name in line.extracts -%}
        {%- do staged.update({'stg_' ~ source_name ~ '__' ~ table_name: table_name}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- do find_extracts(conformed(source_name, kind), staged, found) -%}
    {%- if not found -%}
        {{- exceptions.raise_compiler_error(
            conformed(source_name, kind).original_file_path ~ ' reads no extract of ' ~ source_name ~ ': let it read one of ' ~ staged | join(', ')
        ) -}}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}


{% macro find_extracts(node, staged, found) %}
    {%- if node.name in staged and staged[node.name] not in found -%}
        {%- do found.append(staged[node.name]) -%}
    {%- elif node.name not in staged -%}
        {%- for id in node.depends_on.nodes if id in graph.nodes -%}
            {%- do find_extracts(graph.nodes[id], staged, found) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro union_of_sources(kind, extract_name=none) -%}
    {%- set bringers = bringers(kind, extract_name) -%}
    {%- set own = bringers | selectattr('is_own_format') | first -%}
    {%- set columns = extract_columns(own.source, own.extracts[0]) if execute and graph.get('sources') else [] -%}
    {%- for bringer in bringers %}
    {%- set brought = columns | map(attribute='name') if bringer.is_own_format or not columns else conformed_columns(bringer, kind, columns) %}
    select
        {%- for column in columns %}
        {{ column.name if column.name in brought else 'cast(null as ' ~ column.type ~ ') as ' ~ column.name }},
        {%- else %}
        *,
        {%- endfor %}
        cast('{{ bringer.source }}' as {{ dbt.type_string() }}) as source
    from {{ ref(bringer.model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro union_without_twins(kind, key) -%}
    {%- set listing = [] -%}
    {%- for bringer in bringers(kind) if is_enabled(bringer.source) -%}
        {%- do listing.append(bringer) -%}
    {%- endfor -%}
    {%- if listing | length < 2 -%}
    {{ union_of_sources(kind) }}
    {%- else -%}
    {%- set own = bringers(kind) | selectattr('is_own_format') | first -%}
    {%- set columns = extract_columns(own.source, own.extracts[0]) if execute and graph.get('sources') else [] -%}
    select
        {%- for column in columns %}
        {{ column.name }},
        {%- else %}
        *,
        {%- endfor %}
        source
    from (
        select
            *,
            case when source = '{{ own.source }}' then '' else source end as listed_as,
            min(case when source = '{{ own.source }}' then '' else source end) over (partition by {{ key | join(', ') }}) as counts_as
        from (
            {{ union_of_sources(kind) | indent(12) }}
        ) as records
    ) as listed
    where listed_as = counts_as
    {%- endif -%}
{%- endmacro %}


{% macro conformed_columns(bringer, kind, columns) %}
    {%- set model = conformed(bringer.source, kind) -%}
    {%- set files = model.original_file_path ~ ' and ' ~ (model.patch_path or 'its YAML') | replace(project_name ~ '://', '') -%}
    {%- set types = {} -%}
    {%- for column in columns -%}
        {%- do types.update({column.name: column.type}) -%}
        {%- if column.meta.required and column.name not in model.columns -%}
            {{- exceptions.raise_compiler_error(
                model.name ~ ' has no ' ~ column.name ~ ', which every record of ' ~ kind ~ ' must have: add it to ' ~ files
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, column in model.columns.items() -%}
        {%- if name not in types -%}
            {{- exceptions.raise_compiler_error(
                model.name ~ ' has ' ~ name ~ ', which records of ' ~ kind ~ ' do not have: rename it or take it out of ' ~ files ~ '; they have '
                ~ types | join(', ')
            ) -}}
        {%- elif api.Column.translate_type(column.data_type) | lower | replace(' ', '') != types[name] | lower | replace(' ', '') -%}
            {{- exceptions.raise_compiler_error(
                model.name ~ ' has ' ~ name ~ ' as ' ~ column.data_type ~ ', but in records of ' ~ kind ~ ' it is ' ~ types[name]
                ~ ': cast it in ' ~ files
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(model.columns.keys() | list) -}}
{% endmacro %}


{% macro extract_of_record(source_column, kind, extract_name=none) -%}
    case {{ source_column }}
        {%- for bringer in bringers(kind, extract_name) %}
        when '{{ bringer.source }}' then '{{ bringer.extracts[0] }}'
        {%- endfor %}
    end
{%- endmacro %}


{% macro known_as(source_name, column, id, otherwise=none) -%}
    coalesce(
        {{ listed_identity(source_name, column, id) }},
        {{ otherwise or id }}
    )
{%- endmacro %}


{% macro listed_identity(source_name, column, id) %}
    {{- return(adapter.dispatch('listed_identity', 'contact_centre_warehouse')(source_name, column, id)) -}}
{% endmacro %}

{% macro duckdb__listed_identity(source_name, column, id) -%}
    (
        select max(known_as)
        from {{ ref(column[:-3] ~ '_identities') }}
        where source = '{{ source_name }}' and {{ column }} = {{ id }}
    )
{%- endmacro %}

{% macro spark__listed_identity(source_name, column, id) -%}
    try_element_at(
        (
            select map_from_entries(collect_list(struct(listed_id, known_as)))
            from (
                select {{ column }} as listed_id, max(known_as) as known_as
                from {{ ref(column[:-3] ~ '_identities') }}
                where source = '{{ source_name }}'
                group by {{ column }}
            )
        ),
        {{ id }}
    )
{%- endmacro %}
