-- Texts of one and two characters are found by an index as well: each part of three characters, and the shorter ones at
-- the end, is a word of a tsvector, whose words GIN finds by their beginnings too.
DROP INDEX carga.jobs_trigrams_idx;
DROP FUNCTION carga.trigrams(text);

CREATE FUNCTION carga.text_parts(value text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
  RETURN array_to_tsvector(ARRAY(
    SELECT substr(low, place, 3) FROM lower(value) AS low, generate_series(1, length(low)) AS place));

-- The words that `text_parts` of a text have when it holds this one; the reverse is to be checked.
CREATE FUNCTION carga.text_parts_query(value text) RETURNS tsquery
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (
    SELECT string_agg(
             '''' || replace(replace(substr(low, place, 3), '\', '\\'), '''', '''''') || ''''
               || CASE WHEN length(low) < 3 THEN ':*' ELSE '' END, ' & ')::tsquery
      FROM lower(value) AS low, generate_series(1, greatest(length(low) - 2, 1)) AS place);

CREATE INDEX jobs_text_parts_idx ON carga.jobs USING gin (carga.text_parts(file_name || ' ' || created_by_name));
