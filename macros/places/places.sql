{% macro join_agent(agent_id, instant) -%}
    left join {{ ref('int_agents__history') }} as agents
        on
            {{ agent_id }} = agents.agent_id
            and {{ holds_at('agents', instant) }}
{%- endmacro %}


{% macro join_queue(queue_id) -%}
    left join {{ ref('int_queues__listed') }} as queues on {{ dimension_key(queue_id) }} = queues.queue_id
{%- endmacro %}


{% macro join_queue_settings(queue_id, instant) -%}
    left join {{ ref('int_queues__history') }} as queue_settings
        on
            {{ dimension_key(queue_id) }} = queue_settings.queue_id
            and {{ holds_at('queue_settings', instant) }}
{%- endmacro %}


{% macro join_site(site_id) -%}
    left join {{ ref('int_sites__unioned') }} as sites on {{ dimension_key(site_id) }} = sites.site_id
{%- endmacro %}


{% macro join_local_day(site_id, instant) -%}
    {{ join_site(site_id) }}
    left join {{ ref('int_time__local_days') }} as local_days on {{ is_on_local_day('local_days', instant, time_zone('sites')) }}
{%- endmacro %}


{% macro time_zone(sites) -%}
    coalesce({{ sites }}.timezone, '{{ reporting_timezone() }}')
{%- endmacro %}


{% macro join_channel(channel) -%}
    left join {{ ref('channels') }} as channels on {{ channel }} = channels.channel
{%- endmacro %}


{% macro is_real_time(channels) -%}
    coalesce({{ channels }}.is_real_time, 1)
{%- endmacro %}


{% macro service_level_seconds(queue_settings) -%}
    coalesce({{ queue_settings }}.service_level_seconds, {{ var('default_service_level_seconds') }})
{%- endmacro %}


{% macro service_level_target(queue_settings) -%}
    coalesce({{ queue_settings }}.service_level_target, {{ var('default_service_level_target') }})
{%- endmacro %}


{% macro short_abandon_seconds(queue_settings) -%}
    coalesce({{ queue_settings }}.short_abandon_seconds, {{ var('default_short_abandon_seconds') }})
{%- endmacro %}
