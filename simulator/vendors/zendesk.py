"""Contacts by chat, e-mail, SMS and social media as tickets of Zendesk, as Fivetran exports them.

A contact becomes a ticket if Zendesk can tell all of it but durations: inbound, answered by different agents one after
the other, ended, of one known customer and one reason. Those that were given up, rang in vain, go on with another
contact or are open stay plain, and so does every other extract. What names such a contact then names its session.
"""

from pathlib import Path

import duckdb

NOT_TOLD = {
    "service_level": "a session has one queue visit; the second agent's is no visit",
    "asa_seconds": "the same",
    "queue_visits": "the same",
    "abandonment_rate": "the same",
    "aht_seconds": "Zendesk records no durations",
    "talk_seconds_avg": "the same",
    "hold_": "the same",
    "acw_seconds_avg": "the same",
    "handle_seconds_per_contact": "the same",
    "forecast_": "they are held against queue visits",
    "fcr_disposition": "Zendesk has no code of an agent for a session",
    "backlog_open_cases": "tickets are cases too",
    "case_reopen_rate": "the same",
    "first_response_seconds": "the same",
    "one_touch_resolution": "the same",
    "full_resolution_seconds": "the same",
    "requester_wait_seconds": "the same",
}
"""What KPIs begin with that Zendesk's export can't tell as the plain extracts do, and why."""

_NAMED = ("survey/contact_surveys", "crm/cases", "crm/orders", "qa/evaluations", "acd/ivr_sessions")
"""Extracts whose records name contacts."""

_SYNCED = "2030-01-01 00:00:00.000"

_TICKETS = """
    create temp table legs as
    select * exclude (newest)
    from (
        select
            *,
            row_number() over (partition by contact_id, leg_number order by updated_at desc, line desc) as newest
        from (select *, row_number() over () as line from read_csv($legs, all_varchar = true))
    )
    where newest = 1 and coalesce(is_deleted, 'false') <> 'true';

    create temp table versions as select * from read_csv($legs, all_varchar = true);

    create temp table queue_clients as
    select queue_id, max(client_id) as client_id, count(distinct client_id) as clients
    from read_csv($queues, all_varchar = true)
    group by queue_id;

    create temp table ordered as
    select
        legs.*,
        row_number() over (partition by contact_id order by leg_number::int) as place,
        count(*) over (partition by contact_id) as places,
        lag(legs.agent_id) over (partition by contact_id order by leg_number::int) as agent_before,
        lag(legs.answered_at) over (partition by contact_id order by leg_number::int) as answered_before,
        queue_clients.client_id as queue_client
    from legs
    left join queue_clients on legs.queue_id = queue_clients.queue_id and queue_clients.clients <= 1;

    create temp table tickets as
    select
        contact_id as ticket_id,
        min(started_at) as created_at,
        max(ended_at) as solved_at,
        max(customer_id) as requester_id,
        max(channel) as channel,
        max(reason_code) as reason_code,
        max(dialled_address) as recipient
    from ordered
    group by contact_id
    having
        bool_and(channel in ('chat', 'email', 'sms', 'social') and direction = 'inbound')
        and count(distinct channel) = 1
        and bool_and(agent_id is not null and answered_at is not null and ended_at is not null)
        and bool_and(queue_id is not null and customer_id is not null and related_contact_id is null)
        and count(distinct customer_id) = 1
        and (count(reason_code) = 0 or (count(distinct reason_code) = 1 and count(reason_code) = count(*)))
        and count(distinct coalesce(client_id, queue_client, '')) = 1
        and bool_and(client_id is null or client_id is not distinct from queue_client)
        and bool_and(answered_before is null or (answered_before < answered_at and agent_before <> agent_id))
        and bool_and(end_reason = case when place = places then 'completed' else 'transferred' end)
        and bool_and(answered_at >= started_at and ended_at >= answered_at)
        and bool_and(place > 1 or started_at <= answered_at)
        and min(started_at) = min(started_at) filter (where place = 1)
        and max(ended_at) >= max(answered_at)
        and contact_id not in (select related_contact_id from versions where related_contact_id is not null)
"""

_TABLES = {
    "ticket": f"""
        select
            ticket_id as id, requester_id, requester_id as submitter_id, tickets.channel as via_channel,
            tickets.reason_code as type, recipient, 'closed' as status, '[]' as merged_ticket_ids, created_at,
            solved_at as updated_at,
            last_group.queue_id as group_id, '{_SYNCED}' as _fivetran_synced
        from tickets
        left join ordered as last_group on ticket_id = contact_id and place = places
    """,
    "ticket_comment": f"""
        select
            ticket_id || '0' as id, ticket_id, requester_id as user_id, true as public, created_at as created,
            '{_SYNCED}' as _fivetran_synced
        from tickets
        union all
        select contact_id || place, contact_id, agent_id, true, answered_at, '{_SYNCED}'
        from ordered where contact_id in (select ticket_id from tickets)
    """,
    "ticket_field_history": f"""
        select ticket_id, 'status' as field_name, created_at as updated, 'new' as value, '{_SYNCED}' as _fivetran_synced
        from tickets where created_at < solved_at
        union all
        select ticket_id, 'status', solved_at, 'solved', '{_SYNCED}' from tickets
        union all
        select
            contact_id, 'group_id', case when place = 1 then started_at else answered_at end, queue_id, '{_SYNCED}'
        from ordered where contact_id in (select ticket_id from tickets)
    """,
    "user": f"""
        select distinct agent_id as id, 'agent' as role, agent_id as name, '{_SYNCED}' as _fivetran_synced
        from ordered where contact_id in (select ticket_id from tickets)
    """,
    "group": f"""
        select distinct queue_id as id, queue_id as name, '{_SYNCED}' as _fivetran_synced
        from ordered where contact_id in (select ticket_id from tickets)
    """,
}


def rewrite(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the tickets, and take them out of the plain extracts."""
    legs, queues = out / "acd" / "contact_legs.csv", out / "reference" / "queues.csv"
    tickets = _TICKETS.replace("$legs", f"'{legs}'").replace("$queues", f"'{queues}'")
    connection.execute(tickets)
    folder = out / "zendesk"
    folder.mkdir()
    for name, sql in _TABLES.items():
        _write(connection, sql, folder / f"{name}.csv")
    _write(connection, "select * from versions where contact_id not in (select ticket_id from tickets)", legs)
    for name in _NAMED:
        file = out / f"{name}.csv"
        rows = f"select * from read_csv('{file}', all_varchar = true)"
        _write(
            connection,
            f"""
            select * replace (
                case when contact_id in (select ticket_id from tickets) then contact_id || '-1' else contact_id end
                as contact_id
            )
            from ({rows})
            """,
            file,
        )


def _write(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    partial = file.with_suffix(".partial")
    connection.execute(f"copy ({sql}) to '{partial}' (format csv, header)")
    partial.rename(file)
