-- Every page of the desk lists what is open at the office; decided dossiers grow without end and must not slow it.

CREATE INDEX dossier_open ON dossiers.dossier (office_id, deadline_on) WHERE state NOT IN ('decided', 'closed');
CREATE INDEX dossier_office_opened ON dossiers.dossier (office_id, opened_at);
DROP INDEX dossiers.dossier_office;

-- A dossier that was decided and never closed has its end, too: retention counts from its last step.

GRANT SELECT ON dossiers.step TO dancu_loader;

CREATE OR REPLACE FUNCTION dossiers.drop_documents(of_matters text[], closed_before timestamptz, at timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH due AS (
        SELECT o.dossier_id, o.document_id
          FROM dossiers.document o
          JOIN dossiers.dossier d ON d.dossier_id = o.dossier_id
         WHERE o.dropped_at IS NULL AND d.state IN ('decided', 'closed') AND d.matter = ANY (of_matters)
           AND o.attached_at < closed_before
           AND closed_before > (SELECT max(s.taken_at) FROM dossiers.step s WHERE s.dossier_id = d.dossier_id)
         LIMIT 500
    ), gone AS (
        DELETE FROM dossiers.document_chunk c USING due
         WHERE c.dossier_id = due.dossier_id AND c.document_id = due.document_id
    ), noted AS (
        UPDATE dossiers.document o SET dropped_at = at FROM due
         WHERE o.dossier_id = due.dossier_id AND o.document_id = due.document_id
        RETURNING o.document_id
    )
    SELECT count(*) FROM noted
$$;
