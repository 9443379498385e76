{% macro changed_in_union(view_name, column) -%}
    {%- set changes = [] -%}
    {%- for view in (graph.nodes.values() if execute and is_kept() else []) if view.name == view_name -%}
        {%- for name in kept_parents(view, []) -%}
            {%- do changes.append('select unit from ' ~ changed(name, column) ~ ' as changed') -%}
        {%- endfor -%}
    {%- endfor -%}
    (
        {{ changes | join(' union all ') or 'select cast(null as ' ~ dbt.type_string() ~ ') as unit where 1 = 0' }}
    )
{%- endmacro %}
