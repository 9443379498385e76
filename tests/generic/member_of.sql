{% test member_of(model, column_name, to, field) %}
    {#- An anti-join by equality, which every engine hashes. -#}
    select facts.{{ column_name }}
    from (select * from {{ model }} where {{ rows_to_test(model) }}) as facts
    left join {{ to }} as members on facts.{{ column_name }} = members.{{ field }}
    where members.{{ field }} is null
{% endtest %}
