"""The tables that the report shows beside KPIs: selects over published marts, by the name of their chunk.

A column that is named like a level's (`queue_id`, `channel` …) lets the page filter by it, and so does `day`, the first
day of what a row is about. Local times are those of the queue's site.
"""

# Upper bounds of the bins of waits, in seconds; the last bin is open.
WAIT_BINS = (5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 28800, 86400)

_BIN = f"list_aggregate(list_transform({list(WAIT_BINS)}, lambda bound: (wait_seconds > bound)::integer), 'sum')"

TABLES = {
    "window_curve": """
        select channel, gap_hours, repeats, cumulative_share from marts.fcr_window_curve
        where cumulative_share is not null
        order by channel, gap_hours
    """,
    "repeats": """
        select date_trunc('week', date_day)::date as day, channel, queue_id, reason_code,
            sum(contacts_n)::bigint as heads, sum(contacts_n_1)::bigint as day_1, sum(contacts_n_2)::bigint as day_2,
            sum(contacts_n_3)::bigint as day_3, sum(contacts_n_4)::bigint as day_4, sum(contacts_n_5)::bigint as day_5,
            sum(contacts_n_6)::bigint as day_6, sum(contacts_n_7)::bigint as day_7
        from marts.repeat_contacts_by_day group by all order by all
    """,
    "chains": """
        select date_trunc('week', started_at)::date as day, channel, client_id, contacts, count(*) as issues
        from marts.repeat_chains group by all order by all
    """,
    "busy_hours": """
        with local as (
            select queue_id, queues.channel, queues.site_id, queues.client_id, offered, abandoned,
                timezone(coalesce(sites.timezone, 'UTC'), timezone('UTC', interval_start)) as local_start
            from marts.accessibility_intervals
            left join marts.dim_queues as queues using (queue_id)
            left join marts.dim_sites as sites using (site_id)
        )
        select date_trunc('month', local_start)::date as day, queue_id, channel, site_id, client_id,
            isodow(local_start) as weekday, hour(local_start) * 2 + minute(local_start) // 30 as half_hour,
            sum(offered)::bigint as offered, sum(abandoned)::bigint as abandoned
        from local group by all order by all
    """,
    "waits": f"""
        select date_trunc('month', date_day)::date as day, queue_id, visits.channel, site_id, client_id,
            dim_channels.is_real_time, {_BIN} as bin, count(*) as visits
        from marts.fct_queue_visits as visits
        left join marts.dim_channels using (channel)
        where is_answered = 1 and wait_seconds is not null group by all order by all
    """,
    "reconciliation": """
        select date_day as day, queue_id, outcome, is_in_offered, sum(visits)::bigint as visits
        from marts.reconciliation where visits > 0 group by all order by all
    """,
    "queues_now": """
        select queue_id, channel, client_id, site_id, waiting, longest_wait_seconds, agents_available,
            agents_on_contact, offered, answered, abandoned, service_level, as_of
        from marts.queue_status where queue_id != 'unknown' order by queue_id
    """,
    "time_use": """
        select date_trunc('week', date_day)::date as day, site_id, team_id, counts_as, sum(seconds) / 3600 as hours
        from marts.fct_agent_time where counts_as != 'offline' group by all order by all
    """,
    "forecast": """
        select date_day as day, queue_id, client_id, site_id, channel, sum(forecast_contacts)::double as forecast,
            sum(offered)::bigint as offered
        from marts.fct_forecast_intervals group by all order by all
    """,
    "automation": """
        select reason_code, contacts_handled, handle_seconds, self_service_sessions, self_served
        from marts.ivr_automation_candidates order by contacts_handled desc
    """,
    "scorecards": """
        select month as day, agent_id, role, kpi, effective_weight, value, ci_low, ci_high, target, sample_size,
            months_used, attainment, verdict, score
        from marts.agent_scorecards order by agent_id, month, kpi
    """,
    "journey_moves": """
        select date_trunc('month', date_day)::date as day, client_id, previous_channel, channel, count(*) as moves
        from marts.customer_journeys where previous_channel is not null group by all order by all
    """,
    "journeys": """
        with journeys as (
            select date_trunc('month', min(date_day))::date as day, client_id, max(agents_so_far) as agents,
                max(channels_so_far) as channels
            from marts.customer_journeys group by customer_key, client_id, journey_first_step
        )
        select day, client_id, agents, channels, count(*) as journeys from journeys group by all order by all
    """,
    # The newest ones of which at least half is shown: less can't be understood.
    "comments": """
        select date_day as day, client_id, site_id, team_id, agent_id, queue_id, channel, reason_code, csat_score,
            comment_redacted as comment
        from marts.survey_comments where comment_redacted is not null and words_removed * 2 <= words
        order by date_day desc, responded_at desc nulls last, survey_id limit 1000
    """,
    "landed": """
        select source, "table", landed, rejected, duplicates_replaced, withdrawn, current_records, unidentified,
            unknown_references, newest_event
        from marts.data_quality order by source, "table"
    """,
    "gaps": """
        select source, "table", gap_start, gap_end, missing_hours, expected_rows, is_open
        from marts.data_quality_gaps order by is_open desc, gap_start desc, source, "table"
    """,
    "exceptions_recent": """
        select date_day as day, kpi, level, level_id, value, expected, lower, upper, rule
        from marts.kpi_exceptions
        where date_day > (select max(date_day) from marts.kpi_exceptions) - 28
        order by day desc, level != 'organization', kpi, level_id
    """,
}
