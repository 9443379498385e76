{{ config(materialized='table') }}

-- The pseudonym of a word: it differs where the secret key does, and then all pseudonyms are made again.
select {{ pseudonym("'key'") }} as pseudonym_of_a_word
