package io.llamastreams.grammar.automaton;

import java.util.Arrays;

/** The classes of characters that regular expressions name. */
public final class CharacterClasses {
    public static final CodePointSet DIGITS = CodePointSet.range('0', '9');
    public static final CodePointSet WORD = DIGITS.union(CodePointSet.range('a', 'z'))
            .union(CodePointSet.range('A', 'Z'))
            .union(CodePointSet.of('_'));
    public static final CodePointSet SPACE = CodePointSet.of(" \t\n\u000B\f\r");

    /** All that any dialect takes for white space or the end of a line. Source: ECMA-262 section 12.2, Unicode's Zs. */
    public static final CodePointSet WIDE_SPACE = SPACE.union(
                    CodePointSet.of("\u0085\u00A0\u1680\u180E\u2028\u2029\u202F\u205F"))
            .union(CodePointSet.range(0x2000, 0x200B))
            .union(CodePointSet.of("\u3000\uFEFF"))
            .union(CodePointSet.range(0x1C, 0x1F));

    public static final CodePointSet NO_LINE_END =
            CodePointSet.of("\n\r\u0085\u2028\u2029").complement();

    /** What texts that nobody said more about are made of: no control characters, no rare white space. */
    public static final CodePointSet USUAL = CodePointSet.range(0, 0x1F)
            .union(CodePointSet.range(0x7F, 0x9F))
            .union(WIDE_SPACE.minus(CodePointSet.of(' ')))
            .complement();

    /** Two letters for each of Java's numbers of general categories. Source: Unicode Standard, table 4-4. */
    private static final String[] CATEGORIES = categories();

    private CharacterClasses() {}

    private static String[] categories() {
        String[] names = new String[31];
        Arrays.fill(names, "");
        names[Character.UNASSIGNED] = "Cn";
        names[Character.UPPERCASE_LETTER] = "Lu";
        names[Character.LOWERCASE_LETTER] = "Ll";
        names[Character.TITLECASE_LETTER] = "Lt";
        names[Character.MODIFIER_LETTER] = "Lm";
        names[Character.OTHER_LETTER] = "Lo";
        names[Character.NON_SPACING_MARK] = "Mn";
        names[Character.ENCLOSING_MARK] = "Me";
        names[Character.COMBINING_SPACING_MARK] = "Mc";
        names[Character.DECIMAL_DIGIT_NUMBER] = "Nd";
        names[Character.LETTER_NUMBER] = "Nl";
        names[Character.OTHER_NUMBER] = "No";
        names[Character.SPACE_SEPARATOR] = "Zs";
        names[Character.LINE_SEPARATOR] = "Zl";
        names[Character.PARAGRAPH_SEPARATOR] = "Zp";
        names[Character.CONTROL] = "Cc";
        names[Character.FORMAT] = "Cf";
        names[Character.PRIVATE_USE] = "Co";
        names[Character.SURROGATE] = "Cs";
        names[Character.DASH_PUNCTUATION] = "Pd";
        names[Character.START_PUNCTUATION] = "Ps";
        names[Character.END_PUNCTUATION] = "Pe";
        names[Character.CONNECTOR_PUNCTUATION] = "Pc";
        names[Character.OTHER_PUNCTUATION] = "Po";
        names[Character.MATH_SYMBOL] = "Sm";
        names[Character.CURRENCY_SYMBOL] = "Sc";
        names[Character.MODIFIER_SYMBOL] = "Sk";
        names[Character.OTHER_SYMBOL] = "So";
        names[Character.INITIAL_QUOTE_PUNCTUATION] = "Pi";
        names[Character.FINAL_QUOTE_PUNCTUATION] = "Pf";
        return names;
    }

    /**
     * The characters of a general category.
     *
     * @param name one letter or two, for example {@code L} or {@code Lu}
     * @return none if there is no such category
     */
    public static CodePointSet category(String name) {
        if (name.isEmpty() || name.length() > 2) {
            return CodePointSet.NONE;
        }
        return CodePointSet.matching(c -> CATEGORIES[Character.getType(c)].startsWith(name));
    }
}
