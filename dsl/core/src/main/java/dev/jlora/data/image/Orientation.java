package dev.jlora.data.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The EXIF orientation of an image file: tag 0x0112 (EXIF 2.3, section 4.6.4), a number from 1
 * (upright) to 8. It is read in the places of PIL's {@code getexif}: EXIF in JPEG, PNG, TIFF and
 * WebP, else {@code tiff:Orientation} in their XMP. Invalid metadata is ignored.
 */
final class Orientation {
  /** The pixels are stored upright. */
  static final int UPRIGHT = 1;

  private static final int LAST = 8;
  private static final int TAG = 0x0112;
  private static final byte[] EXIF = bytes("Exif\0\0");
  private static final byte[] XMP_OF_JPEG = bytes("http://ns.adobe.com/xap/1.0/\0");
  private static final byte[] XMP_OF_PNG = bytes("XML:com.adobe.xmp\0");
  private static final byte[] EXIF_AS_TEXT = bytes("Raw profile type exif\0");
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final Pattern XMP_TAG = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  /** More than EXIF as hexadecimal text ever needs. */
  private static final int MOST_TEXT = 1 << 20;

  private final byte[] file;
  private int exif;
  private int xmp;

  private Orientation(byte[] file) {
    this.file = file;
  }

  /** The orientation in the metadata of an image file; {@link #UPRIGHT} by default. */
  static int of(byte[] file) {
    Orientation found = new Orientation(file);
    try {
      found.read();
    } catch (IndexOutOfBoundsException _) {
      // cut metadata: what was found before the cut counts
    }
    if (valid(found.exif)) {
      return found.exif;
    }
    return valid(found.xmp) ? found.xmp : UPRIGHT;
  }

  private static boolean valid(int value) {
    return value >= UPRIGHT && value <= LAST;
  }

  private void read() {
    if (file.length > 3 && (file[0] & 0xff) == 0xff && (file[1] & 0xff) == 0xd8) {
      readJpeg();
    } else if (starts(PNG, 0)) {
      readPng();
    } else if (starts(bytes("RIFF"), 0) && starts(bytes("WEBP"), 8)) {
      readWebp();
    } else {
      exif = ofTiff(0, file.length);
    }
  }

  /** Reads the segments before the first scan. */
  private void readJpeg() {
    int at = 2;
    while (at + 4 <= file.length) {
      int marker = file[at + 1] & 0xff;
      if ((file[at] & 0xff) != 0xff || marker == 0xff) {
        at++; // fill bytes, or bytes between segments, which decoders pass over
        continue;
      }
      if (marker == 0xda || marker == 0xd9) {
        return;
      }
      if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) {
        at += 2; // markers without a length
        continue;
      }
      int start = at + 4;
      int end = at + 2 + Math.max(2, number(at + 2, 2, ByteOrder.BIG_ENDIAN));
      if (marker == 0xe1 && starts(EXIF, start) && exif == 0) {
        exif = ofTiff(start + EXIF.length, end);
      } else if (marker == 0xe1 && starts(XMP_OF_JPEG, start)) {
        readXmp(start, end);
      }
      at = end;
    }
  }

  private void readPng() {
    int at = PNG.length;
    while (at + 12 <= file.length) {
      int length = number(at, 4, ByteOrder.BIG_ENDIAN);
      int start = at + 8;
      int end = start + length;
      if (length < 0 || end < start || end > file.length) {
        return;
      }
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      switch (type) {
        case "eXIf" -> exif = ofTiff(start, end);
        case "iTXt" -> {
          if (starts(XMP_OF_PNG, start)) {
            readXmp(start, end);
          }
        }
        case "tEXt", "zTXt" -> {
          if (starts(EXIF_AS_TEXT, start) && exif == 0) {
            readExifText(type.equals("zTXt"), start + EXIF_AS_TEXT.length, end);
          }
        }
        default -> {}
      }
      at = end + 4;
    }
  }

  /** Reads EXIF as written by ImageMagick: three lines, then the bytes in hexadecimal. */
  private void readExifText(boolean compressed, int start, int end) {
    byte[] text = compressed ? inflated(start + 1, end) : part(start, end);
    String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", 4);
    try {
      byte[] exifBytes = HexFormat.of().parseHex(lines[lines.length - 1].replace("\n", "").strip());
      Orientation inner = new Orientation(exifBytes);
      exif = inner.ofTiff(inner.starts(EXIF, 0) ? EXIF.length : 0, exifBytes.length);
    } catch (IllegalArgumentException _) {
      // no hexadecimal text: not EXIF
    }
  }

  private byte[] inflated(int start, int end) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(file, start, Math.max(0, end - start));
      byte[] some = new byte[4096];
      int count = inflater.inflate(some);
      while (count > 0 && text.size() < MOST_TEXT) {
        text.write(some, 0, count);
        count = inflater.inflate(some);
      }
    } catch (DataFormatException _) {
      return new byte[0];
    }
    return text.toByteArray();
  }

  private void readWebp() {
    int at = 12;
    while (at + 8 <= file.length) {
      int length = number(at + 4, 4, ByteOrder.LITTLE_ENDIAN);
      int start = at + 8;
      int end = start + length;
      if (length < 0 || end < start || end > file.length) {
        return;
      }
      if (starts(bytes("EXIF"), at)) {
        exif = ofTiff(starts(EXIF, start) ? start + EXIF.length : start, end);
      } else if (starts(bytes("XMP "), at)) {
        readXmp(start, end);
      }
      at = end + (length & 1);
    }
  }

  private void readXmp(int start, int end) {
    Matcher tag = XMP_TAG.matcher(new String(part(start, end), StandardCharsets.ISO_8859_1));
    if (tag.find()) {
      xmp = tag.group(1).charAt(0) - '0';
    }
  }

  /** The orientation in the first directory of a TIFF structure, the format of EXIF; else 0. */
  private int ofTiff(int start, int end) {
    ByteOrder order;
    if (starts(bytes("II*\0"), start)) {
      order = ByteOrder.LITTLE_ENDIAN;
    } else if (starts(bytes("MM\0*"), start)) {
      order = ByteOrder.BIG_ENDIAN;
    } else {
      return 0;
    }
    long offset = start + (number(start + 4, 4, order) & 0xffffffffL);
    if (offset + 2 > end) {
      return 0;
    }
    int directory = (int) offset;
    int entries = number(directory, 2, order);
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if (entry + 12 > end) {
        return 0;
      }
      if (number(entry, 2, order) == TAG) {
        return switch (number(entry + 2, 2, order)) {
          case 1 -> number(entry + 8, 1, order);
          case 3 -> number(entry + 8, 2, order);
          case 4 -> number(entry + 8, 4, order);
          default -> 0;
        };
      }
    }
    return 0;
  }

  private int number(int at, int size, ByteOrder order) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(order);
    return switch (size) {
      case 1 -> file[at] & 0xff;
      case 2 -> bytes.getShort(at) & 0xffff;
      default -> bytes.getInt(at);
    };
  }

  private boolean starts(byte[] prefix, int at) {
    if (at < 0 || at + prefix.length > file.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (file[at + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private byte[] part(int start, int end) {
    int last = Math.min(end, file.length);
    return start >= last ? new byte[0] : java.util.Arrays.copyOfRange(file, start, last);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
