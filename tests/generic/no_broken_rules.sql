{% test no_broken_rules(model, setting) %}
    {%- set complaint = "'role ' || role || ': ' || message || ' [' || rule || ']'" %}
    {#- dbt only counts the rows of a test, so the message is raised where rows are chosen. -#}
    select complaints
    from (
        select {{ dbt.listagg(complaint, "'; '", 'order by role, rule, message') }} as complaints
        from {{ model }}
    ) as broken
    where case when complaints is not null then {{ raise_error("'" ~ setting ~ ": ' || complaints") }} is null else false end
{% endtest %}
