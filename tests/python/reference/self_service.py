"""Logins after contacts, and sessions that stayed self-service: the section Self-service of the specification."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from .contacts import Contact, contacts_of_extracts, is_handled_leg, local_date
from .extracts import Customer, Extracts, Login
from .resolution import SelfService, self_service_of
from .tally import ALL_LEVELS, KpiValues, Tally

LEVELS = ("organization", "client", "channel", "reason")
LOGIN_DAYS = timedelta(days=14)
CONTAINMENT = timedelta(hours=24)


def account_of(contact: Contact, customers: Sequence[Customer]) -> str | None:
    """Return the contact's "recorded account number (else the customer's account)"."""
    if contact.account_number is not None:
        return contact.account_number
    for customer in customers:
        if contact.customer_key == ("customer", customer.customer_id):
            return customer.account_number
    return None


def logins_after(
    contacts: Sequence[Contact], customers: Sequence[Customer], logins: Sequence[Login], as_of: datetime
) -> KpiValues:
    """Compute self_service_adoption_14d and self_service_activation_14d.

    "agent-handled inbound contacts with a recorded account number (else the customer's account) whose account
    logs in within (earliest answered_at of the handled legs, ended_at + 14 d] […] / such contacts, mature (14 d)";
    activation: "the same, only accounts with no login up to that answer".
    """
    tally = Tally()
    for contact in contacts:
        account = account_of(contact, customers)
        end = contact.ended_at
        if not contact.is_inbound or not contact.is_handled or account is None:
            continue
        if end is None or end + LOGIN_DAYS > as_of:
            continue
        instants = [login.logged_in_at for login in logins if login.account_number == account]
        answer = min(leg.answered_at for leg in contact.legs if is_handled_leg(leg) and leg.answered_at is not None)
        followed = any(answer < instant <= end + LOGIN_DAYS for instant in instants)
        add = partial(
            tally.add,
            day=contact.date_day,
            members=contact.members,
            levels=ALL_LEVELS,
            numerator=followed,
            denominator=1,
        )
        add("self_service_adoption_14d")
        if not any(instant <= answer for instant in instants):
            add("self_service_activation_14d")
    return tally.values()


def containment(
    sessions: Sequence[SelfService],
    contacts: Sequence[Contact],
    as_of: datetime,
    reporting_timezone: str = "UTC",
) -> KpiValues:
    """Compute ivr_containment and ivr_containment_true.

    "ended self-service sessions whose exit_type is not to_agent / ended sessions (day of entered_at in the
    reporting time zone; levels organization, client, channel, reason = intent)"; true: "self_served, and no
    handled inbound contact of that customer starting within 24 h of its end / ended sessions with a
    customer_key, mature (24 h)".
    """
    tally = Tally()
    for entry in sessions:
        session, end = entry.session, entry.session.exited_at
        if end is None:
            continue
        members = {"client": session.client_id, "channel": session.channel, "reason": session.intent}
        day = local_date(session.entered_at, (), {}, reporting_timezone)
        add = partial(tally.add, day=day, members=members, levels=LEVELS, denominator=1)
        add("ivr_containment", numerator=session.exit_type != "to_agent")
        if entry.customer_key is None or end + CONTAINMENT > as_of:
            continue
        followed = any(
            contact.is_inbound
            and contact.is_handled
            and contact.customer_key == entry.customer_key
            and end <= contact.started_at <= end + CONTAINMENT
            for contact in contacts
        )
        add("ivr_containment_true", numerator=session.exit_type == "self_served" and not followed)
    return tally.values()


def kpi_values(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute the KPIs of the section Self-service."""
    contacts = contacts_of_extracts(extracts, reporting_timezone)
    sessions = self_service_of(extracts.sessions, extracts.customers, phone_country=extracts.phone_country)
    return {
        **logins_after(contacts, extracts.customers, extracts.logins, as_of),
        **containment(sessions, contacts, as_of, reporting_timezone),
    }
