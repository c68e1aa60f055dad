-- Who lives in a commune is asked for with a year: the half-remembered name is then ranked among some hundred people.

DROP INDEX register.person_commune;
CREATE INDEX person_commune_born ON register.person (commune_code, born);
