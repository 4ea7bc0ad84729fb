CREATE TABLE mask_audit_datasets (
    id bigint NOT NULL,
    key text NOT NULL,
    created_at character varying(32) NOT NULL
);
CREATE SEQUENCE mask_audit_datasets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE mask_audit_datasets_id_seq OWNED BY mask_audit_datasets.id;
CREATE TABLE mask_audit_events (
    id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    sample text NOT NULL,
    finding text,
    kind character varying(16) NOT NULL,
    reviewer text NOT NULL,
    session character varying(64) NOT NULL,
    at character varying(32) NOT NULL,
    status character varying(16),
    tags text NOT NULL,
    comment text NOT NULL,
    suggested_tag text,
    picked_by text,
    undoes bigint,
    restores bigint,
    details text,
    repeats bigint
);
CREATE SEQUENCE mask_audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE mask_audit_events_id_seq OWNED BY mask_audit_events.id;
CREATE TABLE mask_audit_meta (
    key character varying(64) NOT NULL,
    value text NOT NULL
);
CREATE TABLE mask_audit_places (
    dataset_id bigint NOT NULL,
    reviewer text NOT NULL,
    name character varying(64) NOT NULL,
    value text NOT NULL,
    at character varying(32) NOT NULL
);
ALTER TABLE ONLY mask_audit_datasets ALTER COLUMN id SET DEFAULT nextval('mask_audit_datasets_id_seq'::regclass);
ALTER TABLE ONLY mask_audit_events ALTER COLUMN id SET DEFAULT nextval('mask_audit_events_id_seq'::regclass);
INSERT INTO mask_audit_datasets (id, key, created_at) VALUES (1, 'town', '2026-01-02T03:04:05.000000+00:00');
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (1, 1, '001', NULL, 'verdict', 'ann', 'one', '2026-01-02T03:04:05.000000+00:00', 'needs_fix', '["boundary", "missed_small"]', 'left edge', 'boundary', 'worst_first', NULL, NULL, NULL, NULL);
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (2, 1, '001', '001:missed:7', 'verdict', 'bob', 'one', '2026-01-02T03:04:05.000000+00:00', 'accept', '[]', '', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (3, 1, '002\udce9', NULL, 'verdict', 'ann', 'one', '2026-01-02T03:04:05.000000+00:00', 'unsure', '[]', '', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (4, 1, '002\udce9', NULL, 'undo', 'ann', 'one', '2026-01-02T03:04:05.000000+00:00', NULL, '[]', '', NULL, NULL, 3, NULL, NULL, NULL);
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (5, 1, '001', NULL, 'verdict', 'ann', 'one', '2026-01-02T03:04:05.000000+00:00', 'accept', '[]', '', NULL, NULL, NULL, NULL, '{"blind": {"seed": 7}}', 1);
INSERT INTO mask_audit_events (id, dataset_id, sample, finding, kind, reviewer, session, at, status, tags, comment, suggested_tag, picked_by, undoes, restores, details, repeats) VALUES (6, 1, '001', NULL, 'correction', 'ann', 'one', '2026-01-02T03:04:05.000000+00:00', NULL, '[]', 'left edge redrawn', NULL, NULL, NULL, NULL, '{"correction": {"source": "model", "file": "masks/corrected/001.png", "before": "sha256:aa", "after": "sha256:bb", "pixels": 12, "extra": {}}}', NULL);
INSERT INTO mask_audit_meta (key, value) VALUES ('schema_version', '2');
INSERT INTO mask_audit_places (dataset_id, reviewer, name, value, at) VALUES (1, 'ann', 'review', '{"sample": "001"}', '2026-01-02T03:04:05.000000+00:00');
SELECT pg_catalog.setval('mask_audit_datasets_id_seq', 1, true);
SELECT pg_catalog.setval('mask_audit_events_id_seq', 6, true);
ALTER TABLE ONLY mask_audit_datasets
    ADD CONSTRAINT mask_audit_datasets_key_key UNIQUE (key);
ALTER TABLE ONLY mask_audit_datasets
    ADD CONSTRAINT mask_audit_datasets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mask_audit_events
    ADD CONSTRAINT mask_audit_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY mask_audit_meta
    ADD CONSTRAINT mask_audit_meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY mask_audit_places
    ADD CONSTRAINT mask_audit_places_pkey PRIMARY KEY (dataset_id, reviewer, name);
CREATE INDEX mask_audit_events_by_dataset ON mask_audit_events USING btree (dataset_id, id);
CREATE INDEX mask_audit_events_by_session ON mask_audit_events USING btree (dataset_id, session, reviewer, id);
CREATE INDEX mask_audit_events_by_subject ON mask_audit_events USING btree (dataset_id, sample, finding, id);
ALTER TABLE ONLY mask_audit_events
    ADD CONSTRAINT mask_audit_events_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES mask_audit_datasets(id);
ALTER TABLE ONLY mask_audit_events
    ADD CONSTRAINT mask_audit_events_repeats_fkey FOREIGN KEY (repeats) REFERENCES mask_audit_events(id);
ALTER TABLE ONLY mask_audit_events
    ADD CONSTRAINT mask_audit_events_restores_fkey FOREIGN KEY (restores) REFERENCES mask_audit_events(id);
ALTER TABLE ONLY mask_audit_events
    ADD CONSTRAINT mask_audit_events_undoes_fkey FOREIGN KEY (undoes) REFERENCES mask_audit_events(id);
ALTER TABLE ONLY mask_audit_places
    ADD CONSTRAINT mask_audit_places_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES mask_audit_datasets(id);
