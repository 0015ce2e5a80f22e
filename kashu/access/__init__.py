"""Who may do what: tenants, staff, roles, sessions, API keys."""
