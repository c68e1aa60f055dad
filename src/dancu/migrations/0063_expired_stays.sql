-- Temporary residence that has expired: the worker confirms its end, so that the person counts where it lives then.

CREATE INDEX residence_temporary_until ON register.residence (valid_to) WHERE kind = 2 AND known_to IS NULL;
