/** Whether this is a run of `.ci/run`, which has half an hour: what is told apart by it says what it leaves out. */
export const isGate = process.env.GREENLIGHT_TEST_LONG === 'gate';
