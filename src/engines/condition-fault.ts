/** Why a text is no condition: a sentence for its author. */
export class ConditionFault extends Error {}
