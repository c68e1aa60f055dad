-- `dancu work` carries out what clerks decided on records of sources, and loads files that were handed in: it may
-- become the role that loads. The web, which strangers reach, may not.

GRANT dancu_loader TO dancu_worker WITH INHERIT FALSE, SET TRUE;
