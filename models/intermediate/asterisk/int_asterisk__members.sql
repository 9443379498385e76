-- The extensions of the queues' members: a call from one of them is a talk between agents. PJSIP/101 and Local/101@agents/n are 101.
with

lines as (

    select * from {{ ref('int_asterisk__lines') }}

),

agents as (

    select distinct member
    from lines
    where member is not null

),

final as (

    select distinct {{ first_group('member', '^(?:[A-Za-z0-9]+/)?([^@/]+)') }} as extension_number
    from agents

)

select * from final
