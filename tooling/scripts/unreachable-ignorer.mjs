/** Ignores `switch` branches that the types rule out, as no test can reach them. */
export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "unreachable",
    value: {
      shouldIgnore({ node }) {
        const [first] = node.type === "SwitchCase" && node.test === null ? node.consequent : [];
        const call = first?.type === "ReturnStatement" ? first.argument : undefined;
        if (call?.type !== "CallExpression" || call.callee.name !== "unreachable") return undefined;
        return "The types leave no value for this branch";
      },
    },
  },
];
