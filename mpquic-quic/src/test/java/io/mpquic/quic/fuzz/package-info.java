/**
 * What the coverage-guided fuzz targets share. A target is a method with {@code @FuzzTest} beside the code that it
 * attacks: the normal build replays the inputs that are kept for it, {@code scripts/fuzz.sh} looks for new ones.
 */
package io.mpquic.quic.fuzz;
