//! Arguments, subcommands, exit statuses.
