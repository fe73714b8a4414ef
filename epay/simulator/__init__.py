"""A stand-in for ePay.bg's site and EasyPay's cash desk, on a real socket, for trying payments without a merchant."""
