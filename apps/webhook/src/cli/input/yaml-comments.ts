import { visit, type Document } from "yaml";

/** Whether somebody reads more in a document than Kubernetes does. */
export function hasComments(document: Document): boolean {
  let found = isText(document.commentBefore) || isText(document.comment);
  visit(document, {
    Node(_key, { comment, commentBefore }) {
      if (!isText(comment) && !isText(commentBefore)) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function isText(comment: string | null | undefined): boolean {
  return (comment ?? "") !== "";
}
