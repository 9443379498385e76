"""The three KPIs in SQL that DuckDB and PostgreSQL both take, but for a few words."""

from dataclasses import dataclass

# Columns that the KPIs need, of each extract, and the key of which the newest version counts.
EXTRACTS = {
    "acd/contact_legs": (
        "contact_id, leg_number, client_id, channel, direction, queue_id, agent_id, customer_id, customer_address, "
        "account_number, started_at, enqueued_at, answered_at, ended_at, talk_seconds, hold_seconds, acw_seconds, "
        "end_reason, updated_at, is_deleted",
        "contact_id, leg_number",
    ),
    "crm/customers": ("customer_id, account_number, phone, email, updated_at, is_deleted", "customer_id"),
    "wfm/agents": ("agent_id, site_id, effective_from, updated_at, is_deleted", "agent_id, effective_from"),
    "reference/queues": (
        "queue_id, client_id, site_id, service_level_seconds, short_abandon_seconds, is_deleted",
        "queue_id",
    ),
    "reference/sites": ("site_id, timezone, is_deleted", "site_id"),
}


# The project's defaults, which the simulated extracts are built with.
SERVICE_LEVEL_SECONDS = 20
SHORT_ABANDON_SECONDS = 5
SHARED_ADDRESS_MAX_CUSTOMERS = 3
DIGITS_OF_A_NUMBER = 6


@dataclass(frozen=True)
class Dialect:
    """What the engines say differently: the value of the row with the greatest or least order, and how to match."""

    last: str
    first: str
    has_letter: str


def current(table: str, columns: str, key: str, raw: str) -> str:
    """Create `table` with the current version of each record of `raw`, which numbers its lines."""
    newest = "updated_at desc nulls last, line desc" if "updated_at" in columns else "line desc"
    return f"""
        create {{kind}} table {table} as
        select {columns}
        from (select *, row_number() over (partition by {key} order by {newest}) as version from {raw}) as versions
        where version = 1 and not coalesce(is_deleted, false)
    """


_AGENT_VERSIONS = """
    select
        agent_id,
        site_id,
        effective_from as valid_from,
        coalesce(
            lead(effective_from) over (partition by agent_id order by effective_from), timestamp '9999-12-31'
        ) as valid_to
    from agents
"""


def _local_day(instant: str) -> str:
    return f"cast({instant} at time zone 'UTC' at time zone coalesce(sites.timezone, 'UTC') as date)"


SERVICE_LEVEL = f"""
    select date_day, queue_id, sum(in_time) as numerator, sum(counted) as denominator
    from (
        select
            {_local_day("enqueued_at")} as date_day,
            legs.queue_id,
            case
                when answered_at is not null or end_reason = 'abandoned' then
                    case
                        when answered_at is null and wait <= coalesce(short_abandon_seconds, {SHORT_ABANDON_SECONDS})
                            then 0
                        else 1
                    end
                else 0
            end as counted,
            case
                when answered_at is not null and wait <= coalesce(service_level_seconds, {SERVICE_LEVEL_SECONDS}) then 1
                else 0
            end as in_time
        from (
            select *, extract(epoch from coalesce(answered_at, ended_at) - enqueued_at) as wait
            from legs
            where direction = 'inbound' and enqueued_at is not null and ended_at is not null and queue_id is not null
        ) as legs
        left join queues on legs.queue_id = queues.queue_id
        left join sites on queues.site_id = sites.site_id
    ) as visits
    group by date_day, queue_id
    having sum(counted) > 0
"""

AHT_SECONDS = f"""
    with agent_versions as ({_AGENT_VERSIONS})
    select
        {_local_day("answered_at")} as date_day,
        legs.agent_id,
        sum(coalesce(talk_seconds, 0) + coalesce(hold_seconds, 0) + coalesce(acw_seconds, 0)) as numerator,
        count(*) as denominator
    from legs
    left join queues on legs.queue_id = queues.queue_id
    left join agent_versions
        on legs.agent_id = agent_versions.agent_id and answered_at >= valid_from and answered_at < valid_to
    left join sites on coalesce(queues.site_id, agent_versions.site_id) = sites.site_id
    where direction = 'inbound' and legs.agent_id is not null and answered_at is not null and ended_at is not null
    group by 1, 2
"""


def fcr_168h(dialect: Dialect) -> str:
    """First-contact resolution within 7 days by day and agent."""

    def last(column: str, order: str = "leg_number", where: str = "true") -> str:
        return dialect.last.format(value=column, order=order, where=where)

    def first(column: str) -> str:
        return dialect.first.format(value=column, order="leg_number")

    def known(column: str) -> str:
        return last(column, where=f"{column} is not null")

    def digits(address: str) -> str:
        return f"regexp_replace({address}, '[^0-9]', '', 'g')"

    def normalized(address: str) -> str:
        letters = dialect.has_letter.format(text=address)
        return (
            f"case when {address} like '%@%' then lower({address}) when {letters} then {address} "
            f"else nullif(right({digits(address)}, 9), '') end"
        )

    return f"""
        with agent_versions as ({_AGENT_VERSIONS}),
        ranked as (
            select
                *,
                case when agent_id is not null and answered_at is not null then 1 else 0 end as is_handled,
                case when agent_id is not null and answered_at is not null then 1000000 else 0 end + leg_number
                    as credit
            from legs
        ),
        contacts as (
            select
                contact_id,
                {first("channel")} as channel,
                {first("direction")} as direction,
                {first("coalesce(client_id, '')")} as client_id,
                {last("coalesce(queue_id, '')", "credit")} as queue_id,
                {last("coalesce(agent_id, '')", "credit")} as agent_id,
                {last("coalesce(end_reason, '')")} as end_reason,
                {known("customer_id")} as customer_id,
                {known("account_number")} as account_number,
                {known("customer_address")} as customer_address,
                min(started_at) as started_at,
                min(enqueued_at) as enqueued_at,
                min(answered_at) as answered_at,
                case when count(*) = count(ended_at) then max(ended_at) end as ended_at,
                max(is_handled) as is_handled
            from ranked
            group by contact_id
        ),
        accounts as (
            select account_number, customer_id
            from (
                select
                    *,
                    row_number() over (
                        partition by account_number order by updated_at desc, customer_id desc
                    ) as newest
                from customers
                where account_number is not null
            ) as versions
            where newest = 1
        ),
        addresses as (
            select address, count(distinct customer_id) as customers, min(customer_id) as customer_id
            from (
                select customer_id, {normalized("phone")} as address from customers
                union all
                select customer_id, {normalized("email")} as address from customers
            ) as each_address
            where address is not null
            group by address
        ),
        addressed as (
            select
                *,
                case
                    when channel = 'voice' and length({digits("customer_address")}) < {DIGITS_OF_A_NUMBER} then null
                    else {normalized("customer_address")}
                end as address
            from contacts
            where direction = 'inbound'
        ),
        identified as (
            select
                addressed.*,
                case
                    when addressed.customer_id is not null then 'customer ' || addressed.customer_id
                    when accounts.customer_id is not null then 'customer ' || accounts.customer_id
                    when addresses.customers > {SHARED_ADDRESS_MAX_CUSTOMERS} then null
                    when addresses.customers = 1 then 'customer ' || addresses.customer_id
                    else 'address ' || addressed.address
                end as customer,
                coalesce(nullif(addressed.client_id, ''), queues.client_id, '') as client,
                queues.site_id as queue_site_id,
                case
                    when is_handled = 1 then 1
                    when enqueued_at is null or end_reason <> 'abandoned' then 0
                    when
                        answered_at is null
                        and extract(epoch from ended_at - enqueued_at)
                        <= coalesce(short_abandon_seconds, {SHORT_ABANDON_SECONDS})
                        then 0
                    else 1
                end as is_evidence
            from addressed
            left join accounts on addressed.account_number = accounts.account_number
            left join addresses on addressed.address = addresses.address
            left join queues on addressed.queue_id = queues.queue_id
        ),
        linked as (
            select
                *,
                max(case when is_handled = 1 then ended_at end) over (
                    partition by customer, client, channel order by started_at, contact_id
                    rows between unbounded preceding and 1 preceding
                ) as previous_ended_at,
                min(case when is_evidence = 1 then started_at end) over (
                    partition by customer, client, channel order by started_at, contact_id
                    rows between 1 following and unbounded following
                ) as next_started_at
            from identified
            where customer is not null
        )
        select
            {_local_day("linked.started_at")} as date_day,
            linked.agent_id,
            sum(case when next_started_at <= linked.ended_at + interval '168 hours' then 0 else 1 end) as numerator,
            count(*) as denominator
        from linked
        left join agent_versions
            on linked.agent_id = agent_versions.agent_id
            and linked.started_at >= valid_from and linked.started_at < valid_to
        left join sites on coalesce(queue_site_id, agent_versions.site_id) = sites.site_id
        where
            is_handled = 1
            and linked.ended_at + interval '168 hours'
            <= (select max(greatest(started_at, enqueued_at, answered_at, ended_at)) from legs)
            and (previous_ended_at is null or linked.started_at > previous_ended_at + interval '168 hours')
        group by 1, 2
    """
