-- Legs under the contact that they belong to. A contact that was not put together with another one has its legs as they came.
{{ contact_legs() }}
