"""The KPIs computed a second time, in plain Python, straight from the text of the specification.

The warehouse and this package share no code: where they disagree, one of them misread the text. It is slow on
purpose: every rule is written as its sentence says it, over all pairs where the sentence speaks of pairs.

    values       reads the text of a value as its type, or refuses the row
    extracts     reads a folder of CSV extracts into typed records, one current version a key
    addresses    what an address compares on
    put_together which contacts are one
    contacts     legs → contacts: handled, queued, abandoned, wait, agent, queue, day, customer
    resolution   repeats, heads, evidence; the KPIs of the section Resolution
    tables       repeat_contacts_by_day, fcr_window_curve, repeat_chains
    technion     the bank's public call log as contacts, and what is known of it
    experience, accessibility, handling, workforce, sales, self_service, quality, cost, people, cases
                 the KPIs of these sections
    schedules, forecasts
                 the KPIs of the section Workforce that hold a plan against what happened
    money        amounts in the reporting currency
    intervals    Wilson's and normal intervals, and when a number is final
    every_kpi    all of them at once
    tally        sums per KPI, period and level member
"""
