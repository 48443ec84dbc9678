/** What the runner tells a job: https://docs.gitlab.com/ci/variables/predefined_variables/ */
export interface GitLabContext {
  readonly apiUrl: string;
  /** Id of the project. */
  readonly project: string;
  readonly source: string;
  /** Of a merge-request pipeline; null in any other. */
  readonly mergeRequest: number | null;
  /** Null in a pipeline of a merge request or a tag. */
  readonly branch: string | null;
  readonly defaultBranch: string | null;
  readonly sha: string;
  readonly pipeline: number | null;
  /** The newest commit of the branch under review; of a pipeline for merged results it is not the commit at hand. */
  readonly head: string;
  readonly workspace: string;
  readonly run: string;
}

export function readContext(env: NodeJS.ProcessEnv): GitLabContext {
  const sha = env.CI_COMMIT_SHA ?? '';
  return {
    apiUrl: env.CI_API_V4_URL ?? 'https://gitlab.com/api/v4',
    project: env.CI_PROJECT_ID ?? '',
    source: env.CI_PIPELINE_SOURCE ?? '',
    mergeRequest: wholeNumber(env.CI_MERGE_REQUEST_IID),
    branch: env.CI_COMMIT_BRANCH || null,
    defaultBranch: env.CI_DEFAULT_BRANCH || null,
    sha,
    pipeline: wholeNumber(env.CI_PIPELINE_ID),
    head: env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || sha,
    workspace: env.CI_PROJECT_DIR ?? process.cwd(),
    run: env.CI_JOB_URL ?? '',
  };
}

function wholeNumber(text = ''): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
