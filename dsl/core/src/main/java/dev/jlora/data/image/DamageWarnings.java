package dev.jlora.data.image;

import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Collects those warnings of a reader that mean invented pixels: libjpeg fills in what a truncated
 * or damaged scan lacks and only warns. Warnings that leave the pixels as encoded (extra bytes
 * between segments, an unusual JFIF version, no colour profile) are harmless.
 */
final class DamageWarnings implements IIOReadWarningListener {
  /** libjpeg's messages (jerror.h) and the JDK's message for a missing end. */
  private static final Pattern DAMAGE =
      Pattern.compile(
          "Truncated File.*|Premature end of .*"
              + "|.*premature end of data segment.*"
              + "|.*bad Huffman code.*"
              + "|.*bad progression parameters.*|Inconsistent progression sequence.*"
              + "|.*found marker 0x.. instead of RST.*"
              + "|.*extraneous bytes before marker 0xd[0-7].*");

  private @Nullable String first;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    if (first == null && DAMAGE.matcher(warning).matches()) {
      first = warning;
    }
  }

  /** The first warning about damage, or null if all pixels were encoded in the file. */
  @Nullable String first() {
    return first;
  }
}
