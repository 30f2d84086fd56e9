package dev.jlora.data.image;

import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a reader's warnings for those that mean pixels were made up: libjpeg fills what a cut
 * or damaged scan lacks and only warns. Warnings that leave the pixels as they were encoded (bytes
 * too many between segments, an odd JFIF version, no colour profile) are harmless.
 */
final class LostPixels implements IIOReadWarningListener {
  /** libjpeg's messages (jerror.h) and the one that the JDK adds for a missing end. */
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

  /** The first warning of damage, or null if all pixels are the file's own. */
  @Nullable String first() {
    return first;
  }
}
