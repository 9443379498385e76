{% macro is_of_queue_visit(legs) -%}
    (
        {{ legs }}.enqueued_at is not null
        and {{ legs }}.direction != 'internal'
        and coalesce({{ legs }}.initiation, '') != 'callback'
    )
{%- endmacro %}
