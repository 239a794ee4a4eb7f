import java.net.URI;

/** Prints what a URL answers. */
public class Fetch {
  public static void main(String[] words) throws Exception {
    URI.create(words[0]).toURL().openStream().transferTo(System.out);
    System.out.flush();
  }
}
