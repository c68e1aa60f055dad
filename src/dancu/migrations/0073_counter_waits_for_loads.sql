-- The counter waits while a first load leaves out the indexes by which it finds persons.
GRANT SELECT ON register.deferred_index TO dancu_counter;
