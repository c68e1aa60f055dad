-- The board asks for the whole of a place, of all measures at once.
CREATE INDEX value_of_place ON quality.value (province, measure, day) WHERE age_group = -2 AND source = '*';
