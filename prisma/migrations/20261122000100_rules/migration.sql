-- What Prisma's schema cannot say: rules the database itself keeps, and the functions the load engine calls.

-- Stage tables: one per job, made and dropped by the worker.
CREATE SCHEMA IF NOT EXISTS carga_stage;

-- No row is lost: once a job has ended, every row that was read has exactly one outcome.
ALTER TABLE carga.jobs ADD CONSTRAINT jobs_outcomes_add_up CHECK (
  status IN ('queued', 'processing') OR dry_run
  OR rows_read = rows_inserted + rows_updated + rows_deleted + rows_unchanged + rows_skipped + rows_rejected
);
ALTER TABLE carga.jobs ADD CONSTRAINT jobs_counts_not_negative CHECK (
  rows_read >= 0 AND rows_inserted >= 0 AND rows_updated >= 0 AND rows_deleted >= 0
  AND rows_unchanged >= 0 AND rows_skipped >= 0 AND rows_rejected >= 0
);
-- "success" means that nothing was refused; a job that failed says why; an end has a time.
ALTER TABLE carga.jobs ADD CONSTRAINT jobs_result_tells_truth CHECK (
  CASE status
    WHEN 'complete' THEN result IS NOT NULL AND result = (CASE WHEN rows_rejected > 0 THEN 'partial' ELSE 'success' END)::carga.job_result
    WHEN 'error' THEN result IS NOT NULL AND result = 'failed' AND error_code IS NOT NULL
    ELSE result IS NULL
  END
);
ALTER TABLE carga.jobs ADD CONSTRAINT jobs_end_has_time CHECK (
  (status IN ('complete', 'error', 'cancelled')) = (finished_at IS NOT NULL)
);

-- Each change of a job raises its revision (the event stream's id) and tells who listens.
CREATE FUNCTION carga.jobs_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.revision := OLD.revision + 1;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER jobs_raise_revision BEFORE UPDATE ON carga.jobs
  FOR EACH ROW EXECUTE FUNCTION carga.jobs_raise_revision();

CREATE FUNCTION carga.jobs_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('carga_jobs', json_build_object(
    'id', NEW.id, 'revision', NEW.revision, 'status', NEW.status, 'cancel', NEW.cancel_requested_at IS NOT NULL)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER jobs_notify AFTER INSERT OR UPDATE ON carga.jobs
  FOR EACH ROW EXECUTE FUNCTION carga.jobs_notify();

-- The audit is written once.
CREATE FUNCTION carga.audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'carga.audit is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON carga.audit
  FOR EACH STATEMENT EXECUTE FUNCTION carga.audit_refuse_change();

-- What PostgreSQL says of a text read as a value of a type, exactly as COPY would read it: the type's own input
-- function with its modifier. No row: the text is valid. One row: message and SQLSTATE. Works on every version
-- promised; 16's pg_input_error_info is faster but 15 has none, and only refused rows are asked.
CREATE FUNCTION carga.input_error(value text, type_oid oid, type_modifier integer)
RETURNS TABLE (message text, code text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  reader pg_proc;
  parameter oid;
BEGIN
  IF value IS NULL AND (SELECT typtype FROM pg_type WHERE oid = type_oid) <> 'd' THEN
    RETURN;
  END IF;
  SELECT p.* INTO reader FROM pg_type t JOIN pg_proc p ON p.oid = t.typinput WHERE t.oid = type_oid;
  SELECT CASE WHEN t.typelem <> 0 THEN t.typelem ELSE t.oid END INTO parameter FROM pg_type t WHERE t.oid = type_oid;
  BEGIN
    IF reader.pronargs = 1 THEN
      EXECUTE format('SELECT %s(textout($1))', reader.oid::regproc) USING value;
    ELSIF reader.pronargs = 2 THEN
      EXECUTE format('SELECT %s(textout($1), $2)', reader.oid::regproc) USING value, parameter;
    ELSE
      EXECUTE format('SELECT %s(textout($1), $2, $3)', reader.oid::regproc) USING value, parameter, type_modifier;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    message := SQLERRM;
    code := SQLSTATE;
    RETURN NEXT;
  END;
END $$;

-- The sample figura.
INSERT INTO carga.figuras (name, title, schema_name, table_name, key_columns)
VALUES ('fornecedores', 'Fornecedores', 'cadastro', 'fornecedores', '{id}');
COMMENT ON TABLE cadastro.fornecedores IS 'Fornecedores, com endereços e contatos em sub-níveis';
COMMENT ON COLUMN cadastro.fornecedores.id IS 'Identificador do fornecedor no sistema de origem';
COMMENT ON COLUMN cadastro.fornecedores.pessoa IS 'F para pessoa física, J para pessoa jurídica';
COMMENT ON COLUMN cadastro.fornecedores.nome IS 'Nome ou razão social';
COMMENT ON COLUMN cadastro.fornecedores.fornecedor_ativado IS 'Pode fornecer';
COMMENT ON COLUMN cadastro.fornecedores.vendedor_ativado IS 'Pode vender';
COMMENT ON COLUMN cadastro.fornecedores.ficha_ativado IS 'Ficha cadastral ativa';
COMMENT ON COLUMN cadastro.fornecedores.documento IS 'CPF ou CNPJ, como texto, com os zeros à esquerda';
COMMENT ON COLUMN cadastro.fornecedores.limite_credito IS 'Limite de crédito em reais';
COMMENT ON COLUMN cadastro.fornecedores.data_cadastro IS 'Data do cadastro';
COMMENT ON COLUMN cadastro.fornecedores.atualizado_em IS 'Última alteração no sistema de origem';
COMMENT ON COLUMN cadastro.fornecedores.enderecos IS 'Lista de endereços';
COMMENT ON COLUMN cadastro.fornecedores.contatos IS 'Lista de contatos';
