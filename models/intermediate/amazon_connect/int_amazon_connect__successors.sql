-- What followed a leg in its chain. A transfer counts if the contact went on with it after the leg: a colleague who was only asked left
-- before the agent did (AWS-2).
with

records as (

    select * from {{ ref('int_amazon_connect__records') }}
    where {{ is_affected('contact_id') }}

),

links as (

    select
        earlier.contact_id,
        earlier.own_contact_id,
        earlier.ended_at,
        later.initiation_method,
        later.ended_at as later_ended_at
    from records as earlier
    inner join records as later
        on
            earlier.contact_id = later.contact_id
            and (
                earlier.own_contact_id = later.previous_contact_id
                or (later.previous_contact_id is null and earlier.next_contact_id = later.own_contact_id)
            )

),

final as (

    select
        contact_id,
        own_contact_id,
        max(case when initiation_method = 'TRANSFER' then 1 else 0 end) as has_transfer,
        max(
            case
                when
                    initiation_method in ('TRANSFER', 'QUEUE_TRANSFER') and (later_ended_at is null or later_ended_at > ended_at)
                    then 1
                else 0
            end
        ) as goes_on_elsewhere,
        max(case when initiation_method = 'CALLBACK' then 1 else 0 end) as has_callback
    from links
    group by contact_id, own_contact_id

)

select * from final
