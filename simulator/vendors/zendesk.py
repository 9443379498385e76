"""Contacts in writing as tickets of Zendesk Support, as Fivetran exports them, with the ratings that were offered.

A contact becomes a ticket if Zendesk can tell all of it but durations: chat, e-mail, SMS and social media, inbound, of
a known customer and at most one agent, ended. Those that were given up, handed over, rang in vain or are open stay
plain, and those with an account that only the agent knew; so does every other extract. What names such a contact names
its session then. A survey that nobody answered is a rating that was offered; all others ask more than Zendesk does.
"""

from pathlib import Path

import duckdb

from simulator.vendors.plain import Vendor, read_legs, take_out, write_csv

_DURATIONS = "Zendesk Support records no durations of an agent's work"
_CASES = "each ticket is a case too"

_NOT_TOLD = {
    r"aht_seconds\w*|talk_seconds_avg|hold_\w+|acw_seconds_avg|handle_seconds_per_contact": _DURATIONS,
    r"fcr_disposition": "Zendesk has no code of an agent's for what became of a contact",
    r"backlog_open_cases|case_reopen_rate|first_response_\w+|one_touch_resolution": _CASES,
    r"full_resolution_seconds|requester_wait_seconds": _CASES,
}

_NAMED = ("crm/cases", "crm/orders", "qa/evaluations", "acd/ivr_sessions")
"""Extracts whose records name contacts."""

# What Zendesk can tell. A session without a reply is one that nobody answered and nobody gave up.
_CONTACTS = """
    create temp table told as
    select contact_id
    from legs
    where
        channel in ('chat', 'email', 'sms', 'social') and direction = 'inbound'
        and customer_id is not null and related_contact_id is null
        and (account_number is null or (customer_id, account_number) in (
            select (customer_id, account_number) from read_csv('{customers}', all_varchar = true)
        ))
        and (client_id is null or client_id = queue_client)
        and enqueued_at = started_at
        and ended_at >= coalesce(answered_at, started_at)
        and case
            when agent_id is null then end_reason in ('timed_out', 'overflowed', 'failed')
            else answered_at >= started_at and end_reason = 'completed'
        end
        and contact_id in (select contact_id from legs group by contact_id having count(*) = 1)
        and contact_id not in (select related_contact_id from versions where related_contact_id is not null);

    create temp table tickets as select * from legs where contact_id in (select contact_id from told);

    create temp table offers as
    select survey_id, contact_id, agent_id, sent_at
    from (
        select
            *,
            row_number() over (partition by survey_id order by updated_at desc, line desc) as newest,
            count(distinct survey_id) over (partition by contact_id) as surveys_of_contact
        from (select *, row_number() over () as line from read_csv('{surveys}', all_varchar = true))
    )
    where
        newest = 1 and surveys_of_contact = 1 and responded_at is null and coalesce(is_deleted, 'false') <> 'true'
        and contact_id in (select contact_id from told);

    create temp table synced as select max(updated_at) as _fivetran_synced from versions
"""

_TABLES = {
    "ticket": """
        select
            contact_id as id, customer_id as requester_id, customer_id as submitter_id, channel as via_channel,
            reason_code as type, dialled_address as recipient, queue_id as group_id, 'closed' as status,
            '[]' as merged_ticket_ids, started_at as created_at, ended_at as updated_at
        from tickets
    """,
    "ticket_comment": """
        select
            contact_id || '1' as id, contact_id as ticket_id, customer_id as user_id, true as public,
            started_at as created
        from tickets
        union all
        select contact_id || '2', contact_id, agent_id, true, answered_at from tickets where answered_at is not null
    """,
    "ticket_field_history": """
        select contact_id as ticket_id, 'status' as field_name, started_at as updated, 'new' as value
        from tickets where started_at < ended_at
        union all
        select contact_id, 'status', ended_at, 'solved' from tickets
        union all
        select contact_id, 'group_id', started_at, queue_id from tickets
    """,
    "satisfaction_rating": """
        select
            survey_id as id, contact_id as ticket_id, 'offered' as score, agent_id as assignee_id,
            sent_at as created_at, sent_at as updated_at
        from offers
    """,
    "user": """
        select agent_id as id, 'agent' as role, max_by(agent_name, effective_from) as name
        from read_csv('{agents}', all_varchar = true)
        where agent_id in (select agent_id from tickets)
        group by agent_id
    """,
    "group": """
        select queue_id as id, max(queue_name) as name
        from read_csv('{queues}', all_varchar = true)
        where queue_id in (select queue_id from tickets)
        group by queue_id
    """,
}


def _rewrite(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    surveys = out / "survey" / "contact_surveys.csv"
    read_legs(connection, out)
    connection.execute(_CONTACTS.format(surveys=surveys, customers=out / "crm" / "customers.csv"))
    (out / "zendesk").mkdir()
    for name, sql in _TABLES.items():
        rows = sql.format(agents=out / "wfm" / "agents.csv", queues=out / "reference" / "queues.csv")
        write_csv(connection, f"select * from ({rows}), synced", out / "zendesk" / f"{name}.csv")
    take_out(connection, out)
    _write_named(connection, surveys, "where survey_id not in (select survey_id from offers)")
    for name in _NAMED:
        _write_named(connection, out / f"{name}.csv")


def _write_named(connection: duckdb.DuckDBPyConnection, file: Path, condition: str = "") -> None:
    """Name the sessions instead of the contacts that became tickets."""
    write_csv(
        connection,
        f"""
        select * replace (
            contact_id || case when contact_id in (select contact_id from told) then '-1' else '' end as contact_id
        )
        from read_csv('{file}', all_varchar = true)
        {condition}
        """,
        file,
    )


VENDOR = Vendor(rewrite=_rewrite, not_told=_NOT_TOLD)
