-- People name a dossier by the number on its receipt.

CREATE INDEX dossier_number ON dossiers.dossier (number);
