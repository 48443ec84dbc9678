// Customers of long ago, whom both clients know.
export const known = Array.from({ length: 20 }, (_, at) => at + 1);
