/** Somebody who asks. */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
  /** What else is known, such as the pod that holds the token. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Whoever has the lab's token is the administrator, as with kind's kubeconfig. */
export const ADMINISTRATOR: User = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:authenticated'],
}

/** `userInfo` of a review. */
export function userInfoOf({ name, groups, uid, extra }: User): Record<string, unknown> {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  }
}
