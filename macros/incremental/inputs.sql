{% macro incremental_inputs() %}
    {%- set inputs = {} -%}
    {%- do find_inputs(model, [], [], inputs) -%}
    {{- return(inputs) -}}
{% endmacro %}


{% macro find_inputs(node, views, seen, inputs) %}
    {%- for id in node.depends_on.nodes if id not in seen -%}
        {%- do seen.append(id) -%}
        {%- set input = graph.nodes.get(id) or graph.sources[id] -%}
        {%- set name = input.source_name ~ '.' ~ input.name if input.resource_type == 'source' else input.name -%}
        {%- set kind = kind_of_input(input) -%}
        {%- do inputs.update({name: {'kind': kind, 'node': input, 'views': views}}) -%}
        {%- if kind == 'view' -%}
            {%- do find_inputs(input, views + [name], seen, inputs) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro kind_of_input(node) %}
    {%- if node.resource_type == 'source' -%}
        {{- return('source' if 'watermark' in node.config.meta else 'lookup') -}}
    {%- elif node.resource_type == 'seed' or node.config.meta.is_lookup -%}
        {{- return('lookup') -}}
    {%- elif node.config.materialized == 'incremental_by_key' -%}
        {{- return('incremental') -}}
    {%- elif node.config.materialized in ['view', 'ephemeral'] -%}
        {{- return('view') -}}
    {%- endif -%}
    {{- return('lookup') -}}
{% endmacro %}


{% macro routes_of(name, input) %}
    {#- As declared for the input, or for the view that it is read through; else an input that has the key tells, and all else is looked up. -#}
    {%- set declared = config.get('meta').incremental.inputs or {} -%}
    {%- if input.kind == 'view' -%}
        {{- return(['rebuild']) -}}
    {%- endif -%}
    {%- for declared_name in [name] + (input.views if input.kind != 'lookup' else []) if declared_name in declared -%}
        {%- set routes = declared[declared_name] -%}
        {{- return([routes] if routes is string or routes is mapping else routes) -}}
    {%- endfor -%}
    {%- if input.kind == 'lookup' -%}
        {{- return(['rebuild']) -}}
    {%- endif -%}
    {{- return([{}]) -}}
{% endmacro %}


{% macro check_incremental(expressions) %}
    {%- set key = incremental_key() -%}
    {%- set names = [] -%}
    {%- if key | length != expressions | length -%}
        {{- exceptions.raise_compiler_error(
            'The incremental model ' ~ model.name ~ ' has the key ' ~ key | join(', ') ~ ', but is_affected is called with '
            ~ expressions | join(', ') ~ ': give it one expression for each column of the key'
        ) -}}
    {%- endif -%}
    {%- set inputs = incremental_inputs() -%}
    {%- for name, input in inputs.items() -%}
        {%- for route in routes_of(name, input) if route is mapping -%}
            {%- do check_route(name, input, route, inputs) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in (config.get('meta').incremental.inputs or {}) if name not in inputs -%}
        {{- exceptions.raise_compiler_error(
            'The incremental model ' ~ model.name ~ ' declares how ' ~ name ~ ' leads to its key, but does not read it: remove it from meta.incremental.inputs'
        ) -}}
    {%- endfor -%}
{% endmacro %}


{% macro check_route(name, input, route, inputs) %}
    {%- set carried = columns_of_changes(input) -%}
    {%- if 'macro' in route or 'while' in route -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set wanted = route.on.values() | list if route.on is mapping else route.on if 'on' in route else key_columns_in(route) -%}
    {%- for column in wanted if column not in carried -%}
        {{- exceptions.raise_compiler_error(
            'The incremental model ' ~ model.name ~ ' reads ' ~ name ~ ', whose recorded changes have no column ' ~ column ~ ' (they have '
            ~ carried | join(', ') ~ '): say in meta.incremental.inputs of ' ~ model.name ~ ' how a change of ' ~ name ~ ' leads to '
            ~ incremental_key() | join(', ') ~ ', or ' ~ (
                'add the column to meta.incremental.records of ' ~ name if input.kind == 'incremental'
                else 'make one of the views in between incremental_by_key, with the column in its meta.incremental.records: ' ~ input.views | join(', ')
                if input.views else 'put the column into the key of ' ~ name
            )
        ) -}}
    {%- endfor -%}
    {%- if 'through' in route and route.through not in inputs and route.through != model.name -%}
        {{- exceptions.raise_compiler_error(
            'The incremental model ' ~ model.name ~ ' goes through ' ~ route.through ~ ', but does not read it: name one of its inputs, or itself'
        ) -}}
    {%- endif -%}
{% endmacro %}


{% macro columns_of_changes(input) %}
    {%- if input.kind == 'incremental' -%}
        {{- return(recorded_columns(input.node)) -}}
    {%- endif -%}
    {#- An earlier version of a source's record may have had other values in all columns but its key. -#}
    {{- return((input.node.config.meta.key or input.node.columns.keys() | list) + [input.node.config.meta.watermark]) -}}
{% endmacro %}


{% macro key_columns_in(route) %}
    {#- The columns that hold the key, where they have other names. -#}
    {%- set named = route.key or {} -%}
    {%- set columns = [] -%}
    {%- for name in incremental_key() -%}
        {%- do columns.append(named.get(name, name)) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{% endmacro %}


{% macro named_key_columns_in(route) %}
    {%- set columns = key_columns_in(route) -%}
    {%- set named = [] -%}
    {%- for name in incremental_key() -%}
        {%- do named.append(columns[loop.index0] ~ ' as ' ~ adapter.quote(name)) -%}
    {%- endfor -%}
    {{- return(named | join(', ')) -}}
{% endmacro %}


{% macro changed_rows(input, since) -%}
    {%- if input.kind == 'incremental' -%}
    (select * from {{ changes_of(input.node.name) }} where run > {{ since }})
    {%- elif since is none -%}
    {{ rows_of_source(input.node) }}
    {%- else -%}
    (select * from {{ rows_of_source(input.node) }} where {{ adapter.quote(input.node.config.meta.watermark) }} > {{ since }})
    {%- endif -%}
{%- endmacro %}


{% macro rows_of_source(node) -%}
    {#- As models read them: where a macro makes their keys, the rows as they landed do not have them. -#}
    {%- if node.config.meta.rows -%}
    ({{ context[node.config.meta.rows](node.source_name, node.name) }}) as rows_of_source
    {%- else -%}
    {{ node.relation_name }}
    {%- endif -%}
{%- endmacro %}


{% macro affected_by(name, input, route, versions, inputs) -%}
    {%- set through = this if route.through == model.name else inputs[route.through].node.relation_name if 'through' in route else none -%}
    {%- if 'macro' in route -%}
    {{ context[route.macro](changed_rows(input, versions.since) if input.kind != 'lookup' else '', versions) }}
    {%- elif 'while' in route -%}
    {%- set hours = route.hours or [0] %}
    select {{ named_key_columns_in(route) }}
    from {{ through }}
    where
        {%- for hour in hours %}
        (
            {{ route.while[0] }} <= {{ dbt.dateadd('hour', -hour, "cast('" ~ versions.now ~ "' as timestamp)") }}
            and {{ route.while[1] }} > {{ dbt.dateadd('hour', -hour, "cast('" ~ versions.since ~ "' as timestamp)") }}
        )
        {{ 'or' if not loop.last }}
        {%- endfor %}
    {%- elif through %}
    {%- set columns = route.on.keys() if route.on is mapping else route.on %}
    {%- set changed_columns = route.on.values() if route.on is mapping else route.on %}
    select {{ named_key_columns_in(route) }}
    from {{ through }}
    where ({{ columns | join(', ') }}) in (select {{ changed_columns | join(', ') }} from {{ changed_rows(input, versions.since) }})
    {%- else %}
    select {{ named_key_columns_in(route) }}
    from {{ changed_rows(input, versions.since) }}
    {%- endif %}
{%- endmacro %}
