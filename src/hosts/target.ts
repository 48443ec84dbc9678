/**
 * Where a CI system says that this change is meant to go, as git revisions, the best first; empty: nobody says. GitHub
 * names the branch. GitLab knows the target's commit where it builds the merged result, and else where the change began.
 */
export function targetOf(env: NodeJS.ProcessEnv): readonly string[] {
  const commit = (name: string) => (/^[0-9a-f]{40,64}$/.test(env[name] ?? '') ? [env[name]] : []);
  const branch = (name: string) => (env[name] ? [`refs/remotes/origin/${env[name]}`] : []);
  return [
    ...branch('GITHUB_BASE_REF'),
    ...commit('CI_MERGE_REQUEST_TARGET_BRANCH_SHA'),
    ...branch('CI_MERGE_REQUEST_TARGET_BRANCH_NAME'),
    ...commit('CI_MERGE_REQUEST_DIFF_BASE_SHA'),
  ].filter((revision) => revision !== undefined);
}
