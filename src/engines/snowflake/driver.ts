type Driver = typeof import('snowflake-sdk');

let loaded: Promise<Driver> | undefined;

/**
 * The driver, read when it is first used. As it is read it looks, without being asked, for metadata servers of clouds,
 * loads a native library and later reports the shape of the connection: all of that is switched off before.
 */
export function loadDriver(checksRevocation: boolean): Promise<Driver> {
  loaded ??= load(checksRevocation);
  return loaded;
}

async function load(checksRevocation: boolean): Promise<Driver> {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  process.env.SNOWFLAKE_DISABLE_MINICORE = 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = 'true';
  const module = await import('snowflake-sdk');
  const driver = (module as { default?: Driver }).default ?? module;
  driver.configure({
    // Statements and values have no place in a log.
    logLevel: 'OFF',
    additionalLogToConsole: false,
    // Revocation is asked at other hosts than the account's. The certificate is verified all the same.
    disableOCSPChecks: !checksRevocation,
    // By default, a value that is no JSON is run as a program.
    jsonColumnVariantParser: (raw) => raw,
  });
  return driver;
}
