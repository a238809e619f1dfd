package io.mpquic.cli.config;

/**
 * How many slips of the finger lie between two words: a letter too many, too few, another one, or two neighbours swapped
 * (Damerau and Levenshtein; no letter is changed twice).
 */
final class EditDistance {
    /** Nobody's slip of the finger is longer than that, and the table stays small whatever a file holds. */
    private static final int LONGEST = 100;

    private EditDistance() {}

    static int between(String a, String b) {
        if (a.length() > LONGEST || b.length() > LONGEST) {
            return a.equals(b) ? 0 : Math.max(a.length(), b.length());
        }
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distance[i][j] = i == 0 || j == 0 ? i + j : step(distance, a, b, i, j);
            }
        }
        return distance[a.length()][b.length()];
    }

    private static int step(int[][] distance, String a, String b, int i, int j) {
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
                Math.min(distance[i - 1][j - 1] + changed, Math.min(distance[i - 1][j] + 1, distance[i][j - 1] + 1));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, distance[i - 2][j - 2] + 1) : least;
    }
}
