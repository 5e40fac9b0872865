export function dashboardFile(): object {
  return {};
}
