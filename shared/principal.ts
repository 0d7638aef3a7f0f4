/** Who may call a route. Members' roles include the ones before them; `public` asks for no principal at all. */
export type Role = 'public' | 'viewer' | 'operator' | 'admin';

/** Who asks. The workspace always comes from here, never from a body. */
export type Principal =
  | { readonly kind: 'member'; readonly id: string; readonly workspace: string; readonly role: Exclude<Role, 'public'> }
  | { readonly kind: 'service'; readonly id: string; readonly workspace: string }
  | { readonly kind: 'anonymous'; readonly id: 'anonymous'; readonly workspace: '' };

export const ANONYMOUS: Principal = { kind: 'anonymous', id: 'anonymous', workspace: '' };

const RANK = { public: 0, viewer: 1, operator: 2, admin: 3 } as const satisfies Record<Role, number>;

/** Whether a principal may call what asks for `role`; operators may what viewers may, admins everything. */
export function mayAct(principal: Principal, role: Role): boolean {
  if (role === 'public') return true;
  return principal.kind === 'member' && RANK[principal.role] >= RANK[role];
}
