"""What is sent to ePay.bg and what it sends, as text: no network, no clock, no school."""
