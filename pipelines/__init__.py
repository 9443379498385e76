"""The runner: lands extracts, checks them, builds the warehouse with dbt, checks it again and publishes it."""
