"""The awkward extracts give exactly the numerators and denominators that were computed for them elsewhere."""

from conftest import Run, shared


def test_kpis_are_those_expected(awkward: Run) -> None:
    """Every row both ways: none missing, none too many, none different to the six digits that are expected."""
    expected = shared("cases/awkward/expected_kpi_values.new_rules.csv")
    differences = awkward.query(f"""
        with
        expected as (
            select * from read_csv(
                '{expected}',
                types = {{'level_id': 'varchar', 'numerator': 'decimal(18, 6)', 'denominator': 'decimal(18, 6)'}}
            )
            where kpi in (select kpi from marts.kpi_catalog)
        ),
        actual as (
            select
                kpi, period_grain, period_start, level, level_id,
                cast(numerator as decimal(18, 6)) as numerator, cast(denominator as decimal(18, 6)) as denominator
            from marts.kpi_values
            where (period_grain = 'month' or (period_grain = 'day' and level in ('organization', 'queue')))
                and kpi in (select kpi from expected)
        )
        select 'missing' as what, * from (from expected except from actual)
        union all
        select 'superfluous' as what, * from (from actual except from expected)
    """)
    assert differences == []


def test_every_kpi_is_compared(awkward: Run) -> None:
    """The comparison above is over all KPIs that have values but a few, so it can't pass for want of rows."""
    expected = shared("cases/awkward/expected_kpi_values.new_rules.csv")
    rows = awkward.query(f"""
        select distinct kpi from marts.kpi_values
        where kpi not in (select kpi from read_csv('{expected}'))
        order by kpi
    """)
    assert [kpi for (kpi,) in rows] == [
        "abandonment_rate_deferred",
        "abandonment_rate_real_time",
        "aht_seconds_deferred",
        "aht_seconds_real_time",
        "asa_seconds_deferred",
        "asa_seconds_real_time",
        "contacts_handled",
        "contacts_handled_per_hour",
        "handle_seconds_per_contact",
        "queue_visits_abandoned",
        "queue_visits_answered",
        "queue_visits_offered",
        "service_level_deferred",
        "service_level_real_time",
    ]


def test_no_row_is_rejected(awkward: Run) -> None:
    """The extracts are awkward, not wrong."""
    assert awkward.query("select sum(lines), sum(rejected) from ops.landed_files", awkward.warehouse) == [(15646, 0)]
