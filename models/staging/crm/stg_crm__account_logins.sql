-- One row per login: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'account_logins') }}

),

typed as (

    select
        login_id,
        account_number,
        logged_in_at,
        platform
    from source

)

select * from typed
