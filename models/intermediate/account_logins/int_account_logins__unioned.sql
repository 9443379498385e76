-- Logins of accounts, whichever system logged them.
{{ union_of_sources('account_logins') }}
