/**
 * What an English file must say: all that the Chinese one says. English also needs a singular
 * beside a `_other`, which Chinese doesn't have.
 */
export type English<Chinese> = {
  [Key in keyof Chinese]: Chinese[Key] extends string ? string : English<Chinese[Key]>;
} & {
  [Key in keyof Chinese as Key extends `${infer Stem}_other` ? `${Stem}_one` : never]?: string;
};
