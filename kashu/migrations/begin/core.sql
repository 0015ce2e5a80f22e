-- The schema of core, as of version 0.1. What each table is for: core/tables.py.
CREATE SCHEMA IF NOT EXISTS core;

CREATE TABLE core.events (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    subject_id UUID NOT NULL,
    facts JSONB NOT NULL,
    CONSTRAINT events_key PRIMARY KEY (tenant_id, id)
);
CREATE INDEX events_of_a_subject ON core.events (tenant_id, subject_id, id);
