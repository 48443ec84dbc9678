-- The privileges of docs/sqlserver.md, each with its reason there. Run with: sqlcmd -v password="..."
USE master;
CREATE LOGIN greenlight_release WITH PASSWORD = N'$(password)';
GRANT CREATE ANY DATABASE TO greenlight_release;
GRANT ALTER ANY DATABASE TO greenlight_release;
GRANT ALTER ANY CONNECTION TO greenlight_release;
GRANT VIEW SERVER STATE TO greenlight_release;
GO
USE shop;
CREATE USER greenlight_release FOR LOGIN greenlight_release;
GRANT SELECT TO greenlight_release;
GRANT VIEW DEFINITION TO greenlight_release;
GRANT VIEW CHANGE TRACKING ON SCHEMA::sales TO greenlight_release;
GRANT BACKUP DATABASE TO greenlight_release;
GO
USE msdb;
CREATE USER greenlight_release FOR LOGIN greenlight_release;
GRANT SELECT ON dbo.sysjobs TO greenlight_release;
GRANT SELECT ON dbo.sysjobsteps TO greenlight_release;
GO
